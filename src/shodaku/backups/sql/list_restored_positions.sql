-- How far the journals of the hosts were when the backup was made that this database comes from.
select host, seq from restored_position order by host
