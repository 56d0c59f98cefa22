"""Serialized CQL values as the text of the golden files (docs/testing-cql.md): what types::ToText gives."""

import decimal
import ipaddress
import struct
import uuid


def java_floating(value, digits):
    """As Java's Double.toString; `digits` is the shortest decimal that gives the value back."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    number = decimal.Decimal(digits)
    if len(number.normalize().as_tuple().digits) == 1:  # Java prints two digits at least: 4.9E-324, not 5.0E-324.
        number = decimal.Decimal(f"{value:.1e}")
    sign = "-" if number.is_signed() else ""
    if number == 0:
        return sign + "0.0"
    _, numerals, exponent = number.as_tuple()
    text = "".join(map(str, numerals)).rstrip("0")
    exponent += len(numerals) - len(text)
    point = len(text) + exponent  # The decimal point stands after so many digits.
    if -3 < point <= 7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{text}"
        whole, fraction = text[:point].ljust(point, "0"), text[point:]
        return f"{sign}{whole}.{fraction or '0'}"
    return f"{sign}{text[0]}.{text[1:] or '0'}E{point - 1}"


def shortest_float(data):
    value = struct.unpack(">f", data)[0]
    for precision in range(1, 10):
        text = f"{value:.{precision}g}"
        try:
            if struct.pack(">f", float(text)) == data:
                return value, text
        except OverflowError:
            continue
    return value, repr(value)


def big_integer(data):
    return int.from_bytes(data, "big", signed=True)


def java_decimal(data):
    scale, unscaled = struct.unpack(">i", data[:4])[0], big_integer(data[4:])
    digits, sign = str(abs(unscaled)), "-" if unscaled < 0 else ""
    adjusted = len(digits) - 1 - scale
    if scale >= 0 and adjusted >= -6:
        if scale == 0:
            return sign + digits
        digits = digits.rjust(scale + 1, "0")
        return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
    if len(digits) > 1:
        digits = digits[0] + "." + digits[1:]
    exponent = f"E{'+' if adjusted > 0 else ''}{adjusted}" if adjusted else ""
    return sign + digits + exponent


def civil(days):
    """(year, month, day) of days since 1970-01-01, for any year."""
    era_days = days + 719468
    era, day_of_era = divmod(era_days, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_part = (5 * day_of_year + 2) // 153
    month = month_part + 3 if month_part < 10 else month_part - 9
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * month_part + 2) // 5 + 1


def date_text(days):
    year, month, day = civil(days)
    if 0 <= year <= 9999:
        return f"{year:04}-{month:02}-{day:02}"
    sign = "-" if year < 0 else "+"
    return f"{sign}{abs(year):04}-{month:02}-{day:02}"


def timestamp_text(data):
    millis = big_integer(data)
    days, of_day = divmod(millis, 86_400_000)
    if not 1 <= civil(days)[0] <= 9999:
        return str(millis)
    seconds, milli = divmod(of_day, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milli:03}"
    return f"{date_text(days)} {clock}000+0000"


def time_text(data):
    nanos = big_integer(data)
    seconds, nano = divmod(nanos, 1_000_000_000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{nano:09}"


def take_unsigned_vint(data):
    first = data[0]
    extra = 0
    while extra < 8 and first & (0x80 >> extra):
        extra += 1
    value = first & (0xFF >> extra)
    for byte in data[1:1 + extra]:
        value = value << 8 | byte
    return value, data[1 + extra:]


def take_vint(data):
    value, data = take_unsigned_vint(data)
    return (value >> 1) ^ -(value & 1), data


def duration_text(data):
    months, data = take_vint(data)
    days, data = take_vint(data)
    nanos, _ = take_vint(data)
    text = "-" if months < 0 or days < 0 or nanos < 0 else ""
    units = [(abs(months), [("y", 12), ("mo", 1)]), (abs(days), [("d", 1)]),
             (abs(nanos), [("h", 3600 * 10**9), ("m", 60 * 10**9), ("s", 10**9), ("ms", 10**6), ("us", 1000), ("ns", 1)])]
    for value, symbols in units:
        for symbol, factor in symbols:
            count, value = divmod(value, factor)
            if count:
                text += f"{count}{symbol}"
    return text


def inet_text(data):
    address = ipaddress.ip_address(data)
    if address.version == 6 and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


SCALARS = {
    0x0001: lambda data: data.decode("ascii"),
    0x0002: lambda data: str(big_integer(data)),
    0x0003: lambda data: "0x" + data.hex(),
    0x0004: lambda data: "true" if data != b"\0" else "false",
    0x0005: lambda data: str(big_integer(data)),
    0x0006: java_decimal,
    0x0007: lambda data: java_floating(struct.unpack(">d", data)[0], repr(struct.unpack(">d", data)[0])),
    0x0008: lambda data: java_floating(*shortest_float(data)),
    0x0009: lambda data: str(big_integer(data)),
    0x000B: timestamp_text,
    0x000C: lambda data: str(uuid.UUID(bytes=data)),
    0x000D: lambda data: data.decode("utf-8"),
    0x000E: lambda data: str(big_integer(data)),
    0x000F: lambda data: str(uuid.UUID(bytes=data)),
    0x0010: inet_text,
    0x0011: lambda data: date_text(int.from_bytes(data, "big") - 2**31),
    0x0012: time_text,
    0x0013: lambda data: str(big_integer(data)),
    0x0014: lambda data: str(big_integer(data)),
    0x0015: duration_text,
}


def split(data):
    """The values that follow one another, each with its length before it."""
    at = 0
    while at < len(data):
        length = struct.unpack(">i", data[at:at + 4])[0]
        at += 4
        yield None if length < 0 else data[at:at + length]
        at += max(length, 0)


# Of a vector's elements; others have a length each.
MARSHAL = "org.apache.cassandra.db.marshal."
MARSHAL_KINDS = {
    "AsciiType": 0x0001, "LongType": 0x0002, "BytesType": 0x0003, "BooleanType": 0x0004, "DecimalType": 0x0006,
    "DoubleType": 0x0007, "FloatType": 0x0008, "Int32Type": 0x0009, "TimestampType": 0x000B, "UUIDType": 0x000C,
    "UTF8Type": 0x000D, "IntegerType": 0x000E, "TimeUUIDType": 0x000F, "InetAddressType": 0x0010,
    "SimpleDateType": 0x0011, "TimeType": 0x0012, "ShortType": 0x0013, "ByteType": 0x0014, "DurationType": 0x0015,
    "LegacyTimeUUIDType": 0x000F,  # What min() and max() of time UUIDs give.
}
FIXED_BYTES = {0x0002: 8, 0x0004: 1, 0x0007: 8, 0x0008: 4, 0x0009: 4, 0x000B: 8, 0x000C: 16, 0x000F: 16}


def marshal_type(text):
    """A Java type name, "...ListType(...Int32Type)", as native_client's tuples; also what is left of the text."""
    name = text[:min(text.find(c) if c in text else len(text) for c in "(),")].strip()
    text = text[len(name):] if text.startswith(name) else text.lstrip()[len(name):]
    arguments = []
    if text.startswith("("):
        text = text[1:]
        while not text.startswith(")"):
            text = text.lstrip(" ,")
            if text[0].isdigit():
                digits = "".join(c for c in text[:text.find(")")] if c.isdigit())
                arguments.append(int(digits))
                text = text[text.find(")"):]
            else:
                argument, text = marshal_type(text)
                arguments.append(argument)
        text = text[1:]
    short = name.removeprefix(MARSHAL)
    if short == "FrozenType":
        return arguments[0], text
    kinds = {"ListType": 0x0020, "MapType": 0x0021, "SetType": 0x0022}
    if short in kinds:
        return (kinds[short], *arguments), text
    if short == "TupleType":
        return (0x0031, arguments), text
    if short == "VectorType":
        return (0x0080, arguments[0], arguments[1]), text
    return (MARSHAL_KINDS.get(short, 0x0000),), text


def fixed_bytes(kind):
    if kind[0] == 0x0080:
        return kind[2] * fixed_bytes(kind[1])
    return FIXED_BYTES.get(kind[0], 0)


def vector_elements(kind, data):
    for _ in range(kind[2]):
        size = fixed_bytes(kind[1])
        if size == 0:
            size, data = take_unsigned_vint(data)
        yield data[:size]
        data = data[size:]


def nested_text(kind, data):
    """A value inside a collection: text in quotes, as a CQL literal."""
    if data is None:
        return "null"
    shown = to_text(kind, data)
    quoted = kind[0] in (0x0001, 0x000D, 0x000B, 0x0011, 0x0012, 0x0010)
    return "'" + shown.replace("'", "''") + "'" if quoted else shown


def name_text(name):
    """A field's name, in quotes where CQL needs them."""
    plain = name[:1].isascii() and name[:1].islower() and all(c == "_" or c.isascii() and (c.islower() or c.isdigit()) for c in name)
    return name if plain else '"' + name.replace('"', '""') + '"'


def composite_text(kind, data):
    if kind[0] in (0x0020, 0x0022):
        parts = ", ".join(nested_text(kind[1], part) for part in split(data[4:]))
        return f"[{parts}]" if kind[0] == 0x0020 else "{" + parts + "}"
    if kind[0] == 0x0021:
        parts = list(split(data[4:]))
        pairs = [f"{nested_text(kind[1], k)}: {nested_text(kind[2], v)}" for k, v in zip(parts[::2], parts[1::2])]
        return "{" + ", ".join(pairs) + "}"
    if kind[0] == 0x0080:
        return "[" + ", ".join(nested_text(kind[1], part) for part in vector_elements(kind, data)) + "]"
    fields = kind[1] if kind[0] == 0x0031 else [field for _, field in kind[2]]
    values = list(split(data))
    values += [None] * (len(fields) - len(values))
    texts = [nested_text(field, value) for field, value in zip(fields, values)]
    if kind[0] == 0x0031:
        return "(" + ", ".join(texts) + ")"
    return "{" + ", ".join(f"{name_text(name)}: {text}" for (name, _), text in zip(kind[2], texts)) + "}"


def to_text(kind, data):
    """Text of one value of the type `kind` (native_client.Reader.type)."""
    if data is None:
        return "null"
    if kind[0] == 0x0000 and kind[1:] and kind[1].startswith(MARSHAL):
        kind = marshal_type(kind[1])[0]
    if not data:
        return "0x" if kind[0] == 0x0003 else ""
    if kind[0] in (0x0020, 0x0021, 0x0022, 0x0030, 0x0031, 0x0080):
        return composite_text(kind, data)
    return SCALARS[kind[0]](data) if kind[0] in SCALARS else "0x" + data.hex()


def escape(text):
    """One line, in which '|' separates columns only."""
    result = ""
    for character in text:
        if character in "\\|":
            result += "\\" + character
        elif character == "\n":
            result += "\\n"
        elif character == "\r":
            result += "\\r"
        elif character == "\t":
            result += "\\t"
        elif ord(character) < 0x20 or ord(character) == 0x7F:
            result += f"\\x{ord(character):02x}"
        else:
            result += character
    return result


assert java_floating(1e7, "1e7") == "1.0E7" and java_floating(0.001, "0.001") == "0.001"
assert java_floating(1234567.0, "1234567.0") == "1234567.0" and java_floating(1e-5, "1e-05") == "1.0E-5"
