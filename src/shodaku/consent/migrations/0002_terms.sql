-- What one yes says beyond its topic (terms), what was agreed to before it and never taken back (earlier), and what else a basis says.
alter table consent_event add column terms jsonb;
alter table consent add column terms jsonb, add column earlier jsonb;
alter table basis add column detail text;
select shodaku_personal('consent_event', 'topic_id', 'method', 'at', 'terms');
select shodaku_personal('consent', 'state', 'since', 'terms', 'earlier');
select shodaku_personal('basis', 'kind', 'at', 'note', 'detail');
