-- Everything was told.
delete from restored_position
