-- Found by the beginning of a folded name, in an index. LIKE is not leakproof, so behind row-level security it never used the
-- trigram index: a search read every contact (1,000,000: 0.5 s), and each import paid for it. Comparisons of text are leakproof.
-- Partial, so that nothing but a search can take one of them for a workspace alone.
drop index contact_search;
alter table contact
    add column name_key text collate "C", add column given_key text collate "C", add column kana_key text collate "C",
    add column given_kana_key text collate "C", add column company_key text collate "C",
    add column in_order text collate "C" not null default U&'\+10FFFD';        -- its place in a telephone book; not known: last
select shodaku_personal('contact', 'name_key', 'given_key', 'kana_key', 'given_kana_key', 'company_key', 'in_order');
alter table contact
    alter column name_key set statistics 0, alter column given_key set statistics 0, alter column kana_key set statistics 0,
    alter column given_kana_key set statistics 0, alter column company_key set statistics 0, alter column in_order set statistics 0;
create index contact_by_name on contact (workspace_id, name_key, contact_id) where name_key is not null;
create index contact_by_given on contact (workspace_id, given_key, contact_id) where given_key is not null;
create index contact_by_kana on contact (workspace_id, kana_key, contact_id) where kana_key is not null;
create index contact_by_given_kana on contact (workspace_id, given_kana_key, contact_id) where given_kana_key is not null;
create index contact_by_company on contact (workspace_id, company_key, contact_id) where company_key is not null;
create index contact_in_order on contact (workspace_id, in_order, contact_id) where in_order > '';
create index address_by_key on address (workspace_id, key collate "C", contact_id) where key collate "C" > '';
