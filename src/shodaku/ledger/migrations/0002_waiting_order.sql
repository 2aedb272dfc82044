-- Acts that waited get their entries in the order in which they happened; ids of one millisecond have no order.
alter table ledger_waiting add column waiting_number bigint not null generated always as identity;
