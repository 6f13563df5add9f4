\set body random(1, 1000)
\set owner random(1, 5000)
WITH filed AS (
    INSERT INTO cases (id, owner, state, due, body)
    SELECT gen_random_uuid(), :owner, 'Filed', DATE '2026-12-14', body FROM bodies WHERE n = :body
    RETURNING id
)
INSERT INTO audit (actor, action, case_id, content)
SELECT 'bench', 'kernel.bench', id, decode(md5(id::text), 'hex') FROM filed;
