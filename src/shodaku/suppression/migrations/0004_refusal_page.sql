-- The desk's list of who said no: newest first, and by way or scope alone.
create index refusal_newest on refusal (workspace_id, refusal_no);
create index refusal_by_way on refusal (workspace_id, via, refusal_no);
create index refusal_by_scope on refusal (workspace_id, scope, refusal_no);
