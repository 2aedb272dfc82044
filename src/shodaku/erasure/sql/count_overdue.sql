-- Sealings that should have ended by then: the job that ends them does not run, or the vault is away.
select count(*) from sealed where workspace_id = %(workspace_id)s and destroy_after < %(before)s
