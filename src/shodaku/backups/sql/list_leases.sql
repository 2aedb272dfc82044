-- Which of these marks this database left.
select nonce from lease where nonce = any(%(nonces)s::text[])
