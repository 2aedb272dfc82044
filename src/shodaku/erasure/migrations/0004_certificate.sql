-- The certificate for whoever asked: sealed to a key whose private half is in their link alone, and destroyed after 30 days.
alter table erasure
    add column certificate_key bytea check (octet_length(certificate_key) = 32);  -- X25519, public
create unique index erasure_by_certificate on erasure (workspace_id, certificate_key) where certificate_key is not null;

alter table certificate
    add column body bytea check (octet_length(body) <= 100000),  -- null: not made yet, or destroyed
    add column destroy_after timestamptz;                  -- null: nobody has a link to it
create index certificate_due on certificate (workspace_id, destroy_after) where destroy_after is not null;
