-- One post more from this network; no row once it is enough.
insert into signup_network as n (token, hour, posts) values (%(token)s, %(hour)s, 1)
on conflict (hour, token) do update set posts = n.posts + 1 where n.posts < %(posts_max)s
returning posts
