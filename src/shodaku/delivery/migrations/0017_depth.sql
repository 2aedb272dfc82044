-- How many mails may be under way at once on one connection, where the relay takes whole mails ahead (CHUNKING, RFC 3030); 0: one after the other.
alter table route add column depth smallint not null default 0 check (depth between 0 and 4);
