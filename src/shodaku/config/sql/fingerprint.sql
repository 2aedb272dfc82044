-- Counts and newest row versions of everything a link could change.
select (select (count(*), max(xmin::text::bigint))::text from consent), (select (count(*), max(xmin::text::bigint))::text from consent_event),
       (select (count(*), max(xmin::text::bigint))::text from signup_request), (select (count(*), max(xmin::text::bigint))::text from ledger_entry),
       (select (count(*), max(xmin::text::bigint))::text from mailing), (select (count(*), max(xmin::text::bigint))::text from refusal),
       (select (count(*), max(xmin::text::bigint))::text from suppression)
