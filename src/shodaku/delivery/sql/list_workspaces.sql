-- All shops; their rows are visible one shop at a time.
select workspace_id from workspace order by workspace_id
