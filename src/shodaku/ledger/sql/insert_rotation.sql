-- Before the file is made, so that a rotation that is killed is always known.
insert into key_rotation (purpose, epoch) values (%(purpose)s, %(epoch)s) on conflict do nothing
