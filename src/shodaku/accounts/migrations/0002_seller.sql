-- What a seller to consumers at a distance shows besides (特定商取引法11条). Without it a sender sends as before;
-- code that does not know the columns yet writes the empty texts.
alter table sender
    add column responsible_person text not null default '',
    add column sales_terms_url text not null default '';
