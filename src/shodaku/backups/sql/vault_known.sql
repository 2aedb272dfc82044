-- In the vault, for this transaction: whose keys may stay.
create temporary table known_contact (workspace_id int not null, contact_id bigint not null, primary key (workspace_id, contact_id)) on commit drop;
create temporary table known_hold (workspace_id int not null, hold_id uuid not null, primary key (workspace_id, hold_id)) on commit drop
