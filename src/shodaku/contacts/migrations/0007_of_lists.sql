-- What a list of a million pays a row, and one statement can pay once (docs/adr/0054): that the workspace exists is asked by the policy, in a
-- subselect that runs once a statement, and not by a reference for each row (3.1 us of 40). No program may delete a workspace.
alter table contact drop constraint contact_workspace_id_fkey;
alter policy own_workspace on contact with check (workspace_id = (
    select w.workspace_id from workspace w where w.workspace_id = nullif(current_setting('shodaku.workspace', true), '')::int));
alter policy own_workspace on address with check (workspace_id = (select nullif(current_setting('shodaku.workspace', true), '')::int));
alter policy own_workspace on address_claim with check (workspace_id = (select nullif(current_setting('shodaku.workspace', true), '')::int));
-- The primary key read backwards is the same order.
drop index contact_newest;
