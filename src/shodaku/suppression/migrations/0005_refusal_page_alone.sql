-- The indexes of the desk's list serve that list alone. Where the planner knows nothing of a workspace yet, as after
-- its first import, an index that begins with workspace_id looks as good to it as the one by person: the gate then
-- read all refusals of the workspace for each person (2,000 of them: 500 ms a chunk). A condition that only the list
-- has makes the choice certain.
drop index refusal_newest, refusal_by_way, refusal_by_scope;
create index refusal_newest on refusal (workspace_id, refusal_no) where refusal_no > 0;
create index refusal_by_way on refusal (workspace_id, via, refusal_no) where refusal_no > 0;
create index refusal_by_scope on refusal (workspace_id, scope, refusal_no) where refusal_no > 0;
