-- As in posting.sql, with less to do for each posting: a call by assignment runs without a statement of its own, and a statement
-- costs some 10 microseconds. The search path names pg_temp last, so that nobody puts a table of theirs before ours.
DROP FUNCTION ledger_begin;
CREATE FUNCTION ledger_begin(book bigint, earliest date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    mine text := pg_current_xact_id()::text;
    closed date;
BEGIN
    IF current_setting('ledger.posted', true) = mine THEN
        mine := set_config('lock_timeout', '20ms', true);
    ELSE
        mine := set_config('ledger.posted', mine, true);
    END IF;
    mine := pg_advisory_xact_lock_shared(7210204, book::int);
    SELECT closed_through INTO closed FROM ledger_book WHERE id = book;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such book' USING ERRCODE = 'LG404';
    ELSIF earliest <= closed THEN
        RAISE EXCEPTION 'closed through %', closed USING ERRCODE = 'LG423';
    END IF;
    RETURN true;
END $$;

-- One movement of a transaction, both balances in the order that everybody locks in.
DROP FUNCTION ledger_move;
CREATE FUNCTION ledger_move(
    p_book bigint, p_transaction bigint, p_line int, d bigint, c bigint, x bigint, p_expires date
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    me int := pg_backend_pid();
    ds int; cs int; da bigint; ca bigint; dn bigint; cn bigint;
BEGIN
    IF c < d THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = c AND a.book_id = p_book AND b.account_id = c AND b.stripe = me % a.stripes
            RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    LOOP
        UPDATE ledger_balance b SET amount = b.amount - x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = d AND a.book_id = p_book AND b.account_id = d AND b.stripe = me % a.stripes
                AND (b.amount >= x OR b.below_zero)
            RETURNING b.stripe, b.amount, b.moves INTO ds, da, dn;
        EXIT WHEN ds IS NOT NULL;
        SELECT me % a.stripes INTO ds FROM ledger_account a WHERE a.id = d AND a.book_id = p_book;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404';
        ELSIF NOT ledger_gather(d, ds, x, p_transaction, 100000 * p_line) THEN
            RAISE EXCEPTION 'the account holds less' USING ERRCODE = 'LG402';
        END IF;
    END LOOP;
    IF d < c THEN
        UPDATE ledger_balance b SET amount = b.amount + x, moves = b.moves + 1
            FROM ledger_account a
            WHERE a.id = c AND a.book_id = p_book AND b.account_id = c AND b.stripe = me % a.stripes
            RETURNING b.stripe, b.amount, b.moves INTO cs, ca, cn;
    END IF;
    IF cs IS NULL THEN
        RAISE EXCEPTION 'no such account in the book' USING ERRCODE = 'LG404';
    END IF;
    INSERT INTO ledger_transfer (
        transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after,
        debit_move, credit_move, expires_on
    ) VALUES (p_transaction, p_line, d, c, x, ds, cs, da, ca, dn, cn, p_expires);
    RETURN true;
END $$;

-- One transaction, of any number of transfers. Returns its number, and whether it is new.
CREATE OR REPLACE FUNCTION ledger_post(
    p_book bigint, p_key uuid, p_kind text, p_day date, p_at timestamptz, p_by bigint, p_place text, p_about text,
    p_reverses bigint, p_mac bytea, p_debit bigint[], p_credit bigint[], p_amount bigint[], p_expires date[],
    OUT id bigint, OUT is_new boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    known bytea;
    n int := cardinality(p_debit);
BEGIN
    is_new := ledger_begin(p_book, p_day);
    INSERT INTO ledger_transaction (book_id, key, kind, day, at, account_ref, place_code, about, reverses_id, mac)
    VALUES (p_book, p_key, p_kind, p_day, p_at, p_by, p_place, p_about, p_reverses, p_mac)
    ON CONFLICT (book_id, key) DO NOTHING RETURNING ledger_transaction.id INTO id;
    IF id IS NULL THEN
        is_new := false;
        SELECT t.id, t.mac INTO id, known FROM ledger_transaction t WHERE t.book_id = p_book AND t.key = p_key;
        IF known <> p_mac THEN
            RAISE EXCEPTION 'the key was used for something else' USING ERRCODE = 'LG409';
        END IF;
        RETURN;
    END IF;
    IF n > 1 THEN  -- all balances at once, in the order that everybody locks in
        PERFORM ledger_lock(p_book, p_debit || p_credit);
    END IF;
    FOR i IN 1..n LOOP
        is_new := ledger_move(p_book, id, i, p_debit[i], p_credit[i], p_amount[i], p_expires[i]);
    END LOOP;
END $$;

ALTER FUNCTION ledger_account_opened SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION ledger_post_many SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION ledger_close SET search_path = pg_catalog, public, pg_temp;
