-- A change of address: a request of the new address, which takes over what is received at another contact's.
alter table signup_request add column moves_from bigint;   -- null: nobody's address changes
select shodaku_personal('signup_request', 'moves_from');
create index signup_request_moves on signup_request (workspace_id, moves_from) where moves_from is not null;
