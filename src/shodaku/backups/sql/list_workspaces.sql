-- The register of workspaces, which row-level security does not hide.
select workspace_id, slug from workspace order by workspace_id
