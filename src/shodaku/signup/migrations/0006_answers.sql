-- What somebody told of themselves on a form, until they confirm: then it is the contact's, and here no longer. Not in the ledger, whose evidence outlives an erasure.
alter table signup_request add column answers jsonb not null default '{}' check (jsonb_typeof(answers) = 'object');
alter table signup_request alter column answers set statistics 0;  -- no examples of it in pg_statistic
select shodaku_personal('signup_request', 'answers');
create index signup_request_answers on signup_request (workspace_id, expires_at) where answers <> '{}';
