-- What a topic promised at which time is a wording with versions too: people agreed to the one of their day.
alter table wording
    drop constraint wording_kind_check,
    add constraint wording_kind_check check (kind in ('topic', 'form', 'policy', 'app', 'promise'));
