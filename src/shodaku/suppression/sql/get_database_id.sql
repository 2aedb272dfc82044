-- In which database the gate's row was made.
select database_id from fence
