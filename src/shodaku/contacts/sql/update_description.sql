-- What became known of a person; null leaves as it is, and a weaker source of the country changes nothing.
update contact set
    country = case when %(country)s::text is not null and %(country_from)s::smallint <= coalesce(country_from, 5) then %(country)s::text else country end,
    country_from = case when %(country)s::text is not null and %(country_from)s::smallint <= coalesce(country_from, 5)
                        then %(country_from)s::smallint else country_from end,
    kind = coalesce(%(kind)s::text, kind), birth_date = coalesce(%(birth_date)s::date, birth_date),
    timezone = coalesce(%(timezone)s::text, timezone),
    tracking_consent_at = coalesce(%(tracking_consent_at)s::timestamptz, tracking_consent_at)
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
