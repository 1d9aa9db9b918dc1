"""Customer files are read whole or refused whole, with every problem and its line."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address, checksum_addresses
from symbolon.customers import MOST_PROBLEMS, Customers, address_order, customers_from, read_customers
from symbolon.exceptions import CustomerFileError
from symbolon.units import UINT96_MAX, format_amount

ONE, TWO, THREE = (checksum_address(bytes([n] * 20)) for n in (0xA1, 0xB2, 0xC3))
TOKEN = checksum_address(bytes(range(20)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def read(file: Path, text: str | bytes, *, decimals: int = 2, merge_duplicates: bool = False) -> Customers:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_customers(file, decimals, token=TOKEN, merge_duplicates=merge_duplicates)


def refusal(file: Path, text: str | bytes, *, merge_duplicates: bool = False) -> CustomerFileError:
    with pytest.raises(CustomerFileError) as refused:
        read(file, text, merge_duplicates=merge_duplicates)
    assert str(file) in str(refused.value)
    assert "nothing was sent" in str(refused.value)
    return refused.value


# ---- what is read


@pytest.mark.parametrize(
    "text",
    [
        f"address,amount\n{ONE},12.50\n{TWO},3\n",
        f"address,amount\r\n{ONE},12.50\r\n{TWO},3\r\n",
        f"address,amount\r{ONE},12.50\r{TWO},3",
        f"\ufeffaddress,amount\n{ONE},12.50\n{TWO},3",
        f"address;amount\n{ONE};12.50\n{TWO};3\n",
        f"address\tamount\n{ONE}\t12.50\n{TWO}\t3\n",
        f'"address","amount"\n"{ONE}","12.50"\n"{TWO}","3"\n',
        f"Address, AMOUNT\n {ONE} , 12.50 \n{TWO},3\n",
        f"address,amount\n{ONE},12.50\n\n{TWO},3\n\n,\n  \n",
        f"address,amount\n{ONE.lower()},12.50\n0x{TWO[2:].upper()},3.00\n",
    ],
    ids=["plain", "windows", "mac", "bom", "semicolons", "tabs", "quoted", "spaces", "empty-lines", "case"],
)
def test_read__however_it_was_saved__same_rows(file: Path, text: str) -> None:
    customers = read(file, text)
    assert list(customers) == [(ONE, 1250), (TWO, 300)]
    assert customers.total == 1550
    assert customers.references is None


def test_read__reference_column__kept(file: Path) -> None:
    customers = read(file, f'address,amount,reference\n{ONE},1,"till 4, Basel"\n{TWO},2,\n')
    assert customers.references == ["till 4, Basel", ""]


def test_read__lines_are_the_files_own(file: Path) -> None:
    customers = read(file, f'address,amount,reference\n{ONE},1,"two\nlines"\n\n{TWO},2,x\n{THREE},3,y\n')
    assert list(customers.lines) == [2, 5, 6]


def test_read__merge_duplicates__sums_them_on_the_first_line(file: Path) -> None:
    text = f"address,amount\n{ONE},1\n{TWO},2\n{ONE.lower()},3.50\n{THREE},4\n{ONE},0.01\n"
    customers = read(file, text, merge_duplicates=True)
    assert list(customers) == [(ONE, 451), (TWO, 200), (THREE, 400)]
    assert list(customers.lines) == [2, 3, 5]


# ---- what is refused


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("", "it is empty: write the header address,amount"),
        ("\n", "its first line is empty"),
        (
            "amount,address",
            "line 1: the columns are in the order amount,address: the header must be address,amount",
        ),
        ("address", "line 1: column amount is missing (found address): the header must be address,amount"),
        ("wallet,amount", "line 1: column address is missing (found wallet,amount)"),
        ("wallet;points", "line 1: columns address and amount are missing (found wallet,points)"),
        (
            "address,amount,name",
            "line 1: column name is not wanted (found address,amount,name): the header must be",
        ),
        ("address,amount,", "line 1: column without a name is not wanted"),
        ("address,amount,amount", "line 1: column amount stands twice"),
        ("reference,address,amount", "line 1: the columns are in the order reference,address,amount"),
        (f"{ONE},5", "line 1: there is no header: the header must be address,amount"),
    ],
)
def test_read__wrong_header__names_the_columns(file: Path, header: str, sentence: str) -> None:
    error = refusal(file, f"{header}\n{ONE},5\n" if header.strip() else header)
    assert len(error.problems) == 1
    assert sentence in error.problems[0]


def test_read__header_alone__refused(file: Path) -> None:
    assert refusal(file, "address,amount\r\n").problems == ("there are no customers in it",)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"{ONE},0", "line 2: amount is zero: write a positive number or remove the line"),
        (f"{ONE},-5", "line 2: amount -5 is negative: write a positive number"),
        (f"{ONE},1.005", "line 2: amount 1.005 is too finely divided: this token has at most 2 decimals"),
        (f"{ONE},", "line 2: amount is missing"),
        (
            f"{ONE},1e3",
            "line 2: amount '1e3' is not a number: write digits with at most one point, such as 12.50",
        ),
        (f'{ONE},"12,50"', "line 2: amount 12,50 has a comma: write a point before decimals"),
        (f"{ONE},12,50", "line 2: there are 3 columns instead of 2 (address,amount)"),
        (f"{ONE}", "line 2: there are 1 column instead of 2 (address,amount)"),
        (",5", "line 2: address is missing"),
        ("brand.eth,5", "line 2: brand.eth is a name, not an address"),
        (f"{ONE[:-1]},5", "line 2: address 0x"),
        (f"{ONE.swapcase().replace('X', 'x')},5", "has a wrong checksum"),
        (f"0x{'0' * 40},5", "is the zero address: nobody could ever use these tokens"),
        (f"{TOKEN},5", "is the token itself: it cannot hold its own tokens"),
        (f"{ONE},{UINT96_MAX}", "is too large"),
        (f'{ONE},"5', "line 2: the quotes are not closed"),
        (f'{ONE},"5"5', "line 2: the quotes are not closed"),
    ],
)
def test_read__one_bad_line__refused(file: Path, line: str, problem: str) -> None:
    error = refusal(file, f"address,amount\n{line}\n")
    assert len(error.problems) == 1
    assert problem in error.problems[0]


def test_read__several_problems__all_told_in_order(file: Path) -> None:
    error = refusal(file, f"address,amount\n{ONE},1\nname.eth,0\n{TWO},-1\n{ONE},2\n{ONE},3\n")
    assert error.problems == (
        "line 3: amount is zero: write a positive number or remove the line",
        "line 3: name.eth is a name, not an address: look it up first and write the 0x address",
        "line 4: amount -1 is negative: write a positive number",
        f"line 5: address {ONE} stands on line 2 already",
        f"line 6: address {ONE} stands on line 2 already",
    )
    assert "there may be more" not in str(error)


def test_read__very_many_problems__stops_telling(file: Path) -> None:
    error = refusal(file, "address,amount\n" + "nobody,1\n" * 1000)
    assert len(error.problems) == MOST_PROBLEMS
    assert error.problems[-1].startswith(f"line {MOST_PROBLEMS + 1}:")
    assert "there may be more" in str(error)


def test_read__all_amounts_together_too_much__refused(file: Path) -> None:
    most = format_amount(UINT96_MAX, 2)
    text = f"address,amount\n{ONE},{most}\n{TWO},0.01\n"
    assert "all amounts together are more than a token can have" in refusal(file, text).problems[0]
    merged = f"address,amount\n{ONE},{most}\n{ONE},0.01\n"
    assert refusal(file, merged, merge_duplicates=True).problems == (
        "line 2: its lines together are more than a token can have",
    )


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_read__not_utf8__refused(file: Path, encoding: str) -> None:
    text = f"address,amount,reference\n{ONE},1,Zürich\n"
    assert "not UTF-8 text" in refusal(file, text.encode(encoding)).problems[0]


def test_read__no_such_file_or_a_folder__refused(tmp_path: Path) -> None:
    with pytest.raises(CustomerFileError, match="cannot be opened: No such file"):
        read_customers(tmp_path / "nothing.csv", 2)
    with pytest.raises(CustomerFileError, match="cannot be opened"):
        read_customers(tmp_path, 2)


# ---- from pairs


def test_from_pairs__same_rules() -> None:
    assert list(customers_from([(ONE, 5), (TWO, 6)])) == [(ONE, 5), (TWO, 6)]
    assert list(customers_from([(ONE, 5), (ONE, 6)], merge_duplicates=True)) == [(ONE, 11)]
    with pytest.raises(CustomerFileError) as refused:
        customers_from(
            [(ONE, 0), ("x", 1), (TOKEN, 1), (TWO, 1), (TWO, 1), (ONE, UINT96_MAX + 1)], token=TOKEN
        )
    lines = [problem.split(":")[0] for problem in refused.value.problems]
    assert lines == ["line 1", "line 2", "line 3", "line 5", "line 6"]


def test_from_pairs__none__refused() -> None:
    with pytest.raises(CustomerFileError, match="no customers"):
        customers_from([])


# ---- properties and size


@given(
    st.lists(
        st.tuples(st.binary(min_size=20, max_size=20).filter(any), st.integers(1, 10**12)),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
def test_address_order__sorts(rows: list[tuple[bytes, int]]) -> None:
    packed = b"".join(address + amount.to_bytes(12) for address, amount in rows)
    assert [rows[at] for at in address_order(packed)] == sorted(rows)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 10**6)), min_size=1, max_size=30),
    st.sampled_from(",;"),
)
def test_read__random_files__merged_sums_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]], delimiter: str
) -> None:
    file = tmp_path_factory.mktemp("csv") / "customers.csv"
    lines = [
        f"{checksum_address(bytes([n] * 20))}{delimiter}{format_amount(amount, 2)}" for n, amount in rows
    ]
    file.write_text("\n".join([f"address{delimiter}amount", *lines]))
    sums: dict[str, int] = {}
    for n, amount in rows:
        address = checksum_address(bytes([n] * 20))
        sums[address] = sums.get(address, 0) + amount
    assert list(read_customers(file, 2, merge_duplicates=True)) == list(sums.items())
    if len(sums) == len(rows):
        assert list(read_customers(file, 2)) == list(sums.items())
    else:
        with pytest.raises(CustomerFileError, match="already"):
            read_customers(file, 2)


def test_read__a_hundred_thousand_rows__seconds(file: Path) -> None:
    dice = random.Random(7)
    addresses = checksum_addresses(dice.randbytes(20 * 100_000))
    text = "address,amount\n" + "".join(f"{address},{dice.randint(1, 10**6)}.25\n" for address in addresses)
    file.write_text(text)
    started = time.process_time()
    customers = read_customers(file, 18)
    assert time.process_time() - started < 6  # about one second on an idle machine
    assert len(customers) == 100_000
    assert list(customers)[99_999][0] == addresses[-1]
