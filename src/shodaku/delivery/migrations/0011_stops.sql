-- A mailing that stops by itself, and from where it is weighed when somebody let it go on.
alter table chunk add column hard int not null default 0;  -- of failed: the server said there is no such address
alter table mailing
    add column stopped_for text check (stopped_for in ('bounces', 'complaints')),
    add column stopped_sent int, add column stopped_bad int,  -- the figures it was stopped by, since from_sent and so on
    add column from_sent int not null default 0, add column from_hard int not null default 0, add column from_complaints int not null default 0;
-- each confirmation mail is a mailing too: what is looked at every 10 seconds are the few advertisements that run
create index mailing_weighed on mailing (workspace_id, mailing_id) where state = 'running' and promotional;
create index feedback_hard on feedback (workspace_id, mailing_id) where kind = 'hard';
