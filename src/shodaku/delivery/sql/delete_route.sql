-- What it carried keeps its results; chunks that wait take another one.
delete from route where workspace_id = %(workspace_id)s and route_id = %(route_id)s
