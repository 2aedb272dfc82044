-- The register of the installation.
select workspace_id, slug, name, locale, timezone, on_opt_out, opt_out_note, second_factor_required, b2c_mail_order from workspace order by workspace_id
