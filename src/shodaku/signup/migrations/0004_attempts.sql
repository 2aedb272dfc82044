-- How often a picture was tried and failed: what can never be taken is not tried for ever, nor before the others.
alter table form_page add column attempts smallint not null default 0 check (attempts >= 0);
grant update (attempts) on form_page to shodaku_app;
