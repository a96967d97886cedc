"""The PostgreSQL the tests are given is a real one, in the encoding and collation a bureau would use."""

from sqlalchemy import create_engine, text


def test_a_fresh_database_sorts_by_bytes(postgres_database):
    engine = create_engine(postgres_database)
    try:
        with engine.begin() as connection:
            assert connection.execute(text("SHOW server_encoding")).scalar_one() == "UTF8"
            connection.execute(text("CREATE TABLE partial_day (day text)"))
            connection.execute(
                text("INSERT INTO partial_day VALUES ('1979-12'), ('1979'), ('1979-02-05'), ('䶮'), ('𠮷')")
            )
            days = connection.execute(text("SELECT day FROM partial_day ORDER BY day")).scalars().all()
            tables = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
    finally:
        engine.dispose()
    assert days == ["1979", "1979-02-05", "1979-12", "䶮", "𠮷"]
    assert tables == 1
