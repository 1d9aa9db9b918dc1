"""docs/scale.md says what the committed measurements give."""

from bench.scale import MEMBERS, PAGE, main, measurements, page_with, tables

GAS = {"bulk_mint_new_500": 24_000, "bulk_mint_existing_500": 7_000}
MEASURED = {
    "gas": GAS,
    "ops": {"recipients_per_second": {"bulk_mint": 10_000}},
    "planning": {"rows": 5_000_000, "processor_seconds": {"read": 30, "plan": 6}, "peak_megabytes": 900},
}


def test_page__is_as_the_measurements_have_it() -> None:
    assert main(["--check"]) == 0
    assert f"{MEMBERS * measurements()['gas']['bulk_mint_new_500']:,}" in PAGE.read_text()


def test_page__with_another_measurement__is_noticed() -> None:
    measured = measurements()
    measured["gas"]["bulk_mint_new_500"] += 1
    page = PAGE.read_text()
    assert page_with(tables(measured), page) != page


def test_tables__by_hand() -> None:
    text = tables(MEASURED)
    assert "| gas in all | 24,000,000,000,000 | 7,000,000,000,000 |" in text
    assert "| batches | 2,000,000 | 2,000,000 |" in text
    # 24,000 billion gas in blocks of 60 million, half of them ours, one every two seconds.
    assert f"| time on the chain assumed | {24_000_000 / 60 * 2 * 2 / 86_400:.1f} days |" in text
    assert "| cost at 1 gwei | 24,000 ETH | 7,000 ETH |" in text
    assert "| files of 5,000,000 rows | 200 |" in text
    assert "| checking, planning and receipts of all, on one processor | 2.0 hours |" in text
    assert "| signing, sending and comparing, were the chain no limit | 27.8 hours |" in text
    assert "root" not in text


def test_tables__with_roots_measured__say_up_to_where_they_are_cheaper() -> None:
    gas = {**GAS, "post_root": 100_000, "claim_root_1m": 80_000}
    text = tables({**MEASURED, "gas": gas})
    assert "| gas of all roots | 100,000,000 |" in text
    assert "| cost at 1 gwei | 0.1 ETH |" in text
    assert "| cheaper in all than minting while fewer claim than | 30% |" in text
