-- From the commit on the vault takes nothing under this epoch.
insert into ended_epoch (purpose, epoch) values (%(purpose)s, %(epoch)s) on conflict do nothing
