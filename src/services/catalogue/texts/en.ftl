### Terms, calendar and forms: sentences for people.

catalogue-term-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
catalogue-term-weeks = { $n ->
    [one] { $n } week
   *[other] { $n } weeks
}
catalogue-term-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
}
catalogue-term-years = { $n ->
    [one] { $n } year
   *[other] { $n } years
}
catalogue-rest-saturday = a Saturday
catalogue-rest-sunday = a Sunday
catalogue-rest-holiday = a public holiday ({ $name })
catalogue-deadline-counted-days = Term: { $term }. The day of { $event } is not counted.
catalogue-deadline-counted-long = Term: { $term } from { $event }.
catalogue-deadline-paused = The proceedings were suspended for { $n ->
    [one] { $n } day
   *[other] { $n } days
}; the term is longer by as much.
catalogue-deadline-moved = The last day would be { $raw }, which is { $rest }, so the term ends on { $shifted }.
catalogue-deadline-ends = The term ends on { $raw }.
catalogue-deadline-silence = You may rely on the silence of the office from { $from }.
catalogue-deadline-basis = Legal basis: { $basis }.

form-yes = yes
form-no = no
form-date = { $date }

form-part-street = Street (if there is one)
form-part-house = House number
form-part-flat = Flat number (if there is one)
form-part-postcode = Postal code
form-part-locality = Town or village
form-part-country = Country (if not Poland)
form-part-precinct = Cadastral district
form-part-parcel-number = Parcel number
form-part-day = Day
form-part-month = Month
form-part-year = Year

form-missing-text = Enter an answer: { $label }.
form-missing-choice = Choose an answer: { $label }
form-missing-file = Attach a file: { $label }.
form-missing-tick = Tick: { $label }.
form-missing-house = Enter the house number.
form-missing-postcode = Enter the postal code, for example 08-400.
form-missing-locality = Enter the town or village.
form-missing-precinct = Choose the cadastral district. The number alone is not enough: districts share numbers.
form-missing-parcel-number = Enter the parcel number, for example 12 or 12/4.
form-none-of = { $text }
form-too-few = { $min ->
    [one] Add at least one entry: { $label }.
   *[other] Add at least { $min } entries: { $label }.
}
form-too-many = { $max ->
    [one] There is room for one answer only. Remove the others.
   *[other] There is room for at most { $max } answers. Remove the others.
}
form-too-long = The text may have at most { $max ->
    [one] { $max } character
   *[other] { $max } characters
}. Shorten it by { $over ->
    [one] { $over } character
   *[other] { $over } characters
}.
form-not-a-number = Enter a number in digits, for example 81.5.
form-too-precise = { $decimals ->
    [0] Enter a whole number.
    [one] One decimal is enough, for example 81.5.
   *[other] { $decimals } decimals are enough.
}
form-out-of-range = Enter a number from { $min } to { $max } { $unit }.
form-not-a-date = There is no such day in the calendar. Enter day, month and year in digits, for example 1 12 2026.
form-too-early = The earliest possible day is { $day }.
form-too-late = The latest possible day is { $day }.
form-unknown-choice = Choose one of the answers given.
form-not-in-list = There is no such district in the commune. Choose one from the list.
form-not-a-point = Enter latitude and longitude, for example 52.1234, 21.0123.
form-outside-poland = This place is outside Poland. Check that the latitude (about 52) comes first and the longitude (about 21) second.
form-unreadable-upload = This file could not be read. Attach it again.
form-file-kind = This kind of file is not accepted here. Attach a file of the kind named in the hint.
form-file-too-big = The file is too big. The largest may have { $megabytes } MB.

form-name-letter = A name has only letters, spaces, hyphens and apostrophes. The character "{ $letter }" does not fit.
form-name-empty = Enter the letters of the name.
form-postcode = { $digits ->
    [0] A postal code has 5 digits, written 00-000, for example 08-400.
    [one] A postal code has 5 digits, written 00-000. This one has one.
    [5] A postal code has 5 digits, written 00-000, for example 08-400. The hyphen stands after the second digit.
   *[other] A postal code has 5 digits, written 00-000. This one has { $digits }.
}
form-parcel-number = A parcel number is a number, or two numbers with a slash, for example 12 or 12/4.
form-parcel-id = A parcel identifier looks like this: 141201_1.0001.6509. Check the dots, the underscore and the number of digits.
form-kw-parts = A land register number has three parts with slashes: court, 8 digits and a check digit, for example LU1B/00012345/8.
form-kw-court = A land register number begins with the code of the court: two letters, a digit, a letter, for example LU1B.
form-kw-number = The middle part of a land register number has 8 digits, with leading zeros. This one has { $digits }.
form-kw-check = The last digit of the land register number does not agree with the rest. Check whether two digits are swapped.
form-ade = An e-Delivery address looks like this: AE:PL-12345-67890-ABCDE-25.
form-ade-check = The last two digits of the e-Delivery address do not agree with the rest. Check the address. If it is right, go on.
form-phone = A Polish telephone number has 9 digits. This one has { $digits }.
form-phone-foreign = A foreign number begins with + and has 8 to 15 digits.
form-phone-letter = A telephone number is made of digits. The character "{ $letter }" does not fit.
form-email-at = The e-mail address lacks the @ sign.
form-email-two = The e-mail address has more than one @ sign.
form-email-local = The part of the e-mail address before @ is not right. Check spaces, commas and dots.
form-email-domain = The part of the e-mail address after @ is not right. It looks like this, for example: poczta.pl.
