-- From here on this epoch exists; whoever has another file of its number is told.
insert into pepper_check (epoch, mark) values (%(epoch)s, %(mark)s) on conflict (epoch) do nothing
