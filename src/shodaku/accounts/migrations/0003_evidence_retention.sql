-- How long what proves a consent is kept after the last advertisement: as long as this product advises, or as the law demands.
alter table workspace add column evidence_retention text not null default 'default'
    check (evidence_retention in ('default', 'statutory'));
