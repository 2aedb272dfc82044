-- How a published form looked: its page in each language as one document that opens alone, and a picture of it where there is a browser.
create table form_page (
    workspace_id int not null, form_id int not null, version int not null,
    language text not null check (language in ('ja', 'en')),
    html text not null check (octet_length(html) <= 1000000),
    html_sha256 text not null check (html_sha256 = encode(sha256(convert_to(html, 'UTF8')), 'hex')),
    rendered_at timestamptz not null,                      -- later than the publication: made afterwards, from the stored words
    picture bytea check (octet_length(picture) <= 5000000),
    picture_sha256 text check (picture_sha256 = encode(sha256(picture), 'hex')),
    pictured_at timestamptz,
    primary key (workspace_id, form_id, version, language),
    foreign key (workspace_id, form_id, version) references form_version,
    check (num_nulls(picture, picture_sha256, pictured_at) in (0, 3))
);
alter table form_page alter column picture set storage external;  -- a PNG is compressed already
select shodaku_guard('form_page');

-- Promise 10 for what was shown: a page stays as it was made, and its picture is set once. By grant and by trigger.
create function form_page_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.picture is null
       and (new.workspace_id, new.form_id, new.version, new.language, new.html, new.html_sha256, new.rendered_at)
         = (old.workspace_id, old.form_id, old.version, old.language, old.html, old.html_sha256, old.rendered_at) then
        return new;
    end if;
    raise exception 'a page that was shown stays as it was' using errcode = 'restrict_violation';
end $$;
create trigger form_page_stays before update or delete on form_page for each row execute function form_page_stays();
create trigger form_page_no_truncate before truncate on form_page for each statement execute function form_page_stays();
revoke update, delete, truncate on form_page from shodaku_app;
grant update (picture, picture_sha256, pictured_at) on form_page to shodaku_app;
