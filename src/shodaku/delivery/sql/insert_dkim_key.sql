-- A key that waits until DNS shows it.
insert into dkim_key (workspace_id, domain, selector, algorithm, generation, public, wrapped, epoch, made_at)
values (%(workspace_id)s, %(domain)s, %(selector)s, %(algorithm)s, %(generation)s, %(public)s, %(wrapped)s, %(epoch)s, %(now)s)
