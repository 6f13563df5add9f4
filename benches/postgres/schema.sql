-- A case with three indexes, and what was done to it. Bodies are text that does not compress, as ours do not; a
-- case of 2.3 KB stays in one row, so that no side table has to be written.
CREATE TABLE bodies (n integer PRIMARY KEY, body text NOT NULL);
INSERT INTO bodies
SELECT n, string_agg(md5(random()::text), '') FROM generate_series(1, 1000) AS n, generate_series(1, 69) AS part GROUP BY n;

CREATE TABLE cases (
    id uuid PRIMARY KEY,
    owner integer NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    state text NOT NULL,
    due date NOT NULL,
    body text NOT NULL
) WITH (toast_tuple_target = 4080);
ALTER TABLE cases ALTER COLUMN body SET STORAGE MAIN;
CREATE INDEX cases_of_owner ON cases (owner, number);
CREATE INDEX cases_by_due ON cases (state, due);

CREATE TABLE audit (
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    case_id uuid NOT NULL,
    content bytea NOT NULL
);
ANALYZE;
