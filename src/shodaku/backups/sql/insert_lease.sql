-- Committed before it is written beside the copies: what stands there and is not known here was written by another database.
insert into lease (nonce, at) values (%(nonce)s, clock_timestamp())
