### Terminy, kalendarz i formularze: zdania dla ludzi.

catalogue-term-days = { $n ->
    [one] { $n } dzień
    [few] { $n } dni
   *[many] { $n } dni
}
catalogue-term-weeks = { $n ->
    [one] { $n } tydzień
    [few] { $n } tygodnie
   *[many] { $n } tygodni
}
catalogue-term-months = { $n ->
    [one] { $n } miesiąc
    [few] { $n } miesiące
   *[many] { $n } miesięcy
}
catalogue-term-years = { $n ->
    [one] { $n } rok
    [few] { $n } lata
   *[many] { $n } lat
}
catalogue-rest-saturday = sobota
catalogue-rest-sunday = niedziela
catalogue-rest-holiday = dzień wolny: { $name }
catalogue-deadline-counted-days = Termin: { $term }. Dnia { $event } nie wlicza się do terminu.
catalogue-deadline-counted-long = Termin: { $term } od { $event }.
catalogue-deadline-paused = Postępowanie było zawieszone ({ $n ->
    [one] { $n } dzień
   *[other] { $n } dni
}), o tyle termin się wydłużył.
catalogue-deadline-moved = Ostatni dzień wypada { $raw }, to { $rest }, dlatego termin mija { $shifted }.
catalogue-deadline-ends = Termin mija { $raw }.
catalogue-deadline-silence = Na milczenie urzędu można się powołać od { $from }.
catalogue-deadline-basis = Podstawa: { $basis }.

form-yes = tak
form-no = nie
form-date = { $date }

form-part-street = Ulica (jeśli jest)
form-part-house = Numer domu
form-part-flat = Numer mieszkania (jeśli jest)
form-part-postcode = Kod pocztowy
form-part-locality = Miejscowość
form-part-country = Kraj (jeśli inny niż Polska)
form-part-precinct = Obręb
form-part-parcel-number = Numer działki
form-part-day = Dzień
form-part-month = Miesiąc
form-part-year = Rok

form-missing-text = Wpisz odpowiedź: { $label }.
form-missing-choice = Wybierz odpowiedź: { $label }
form-missing-file = Dołącz plik: { $label }.
form-missing-tick = Zaznacz: { $label }.
form-missing-house = Wpisz numer domu.
form-missing-postcode = Wpisz kod pocztowy, na przykład 08-400.
form-missing-locality = Wpisz miejscowość.
form-missing-precinct = Wybierz obręb. Sam numer działki nie wystarczy, bo powtarza się w różnych obrębach.
form-missing-parcel-number = Wpisz numer działki, na przykład 12 albo 12/4.
form-none-of = { $text }
form-too-few = { $min ->
    [one] Dodaj co najmniej jedną pozycję: { $label }.
   *[other] Dodaj co najmniej { $min } pozycje: { $label }.
}
form-too-many = { $max ->
    [one] Tu mieści się tylko jedna odpowiedź. Usuń pozostałe.
    [few] Tu mieszczą się najwyżej { $max } odpowiedzi. Usuń pozostałe.
   *[many] Tu mieści się najwyżej { $max } odpowiedzi. Usuń pozostałe.
}
form-too-long = Tekst może mieć najwyżej { $max ->
    [one] { $max } znak
    [few] { $max } znaki
   *[many] { $max } znaków
}. Skróć go o { $over ->
    [one] { $over } znak
    [few] { $over } znaki
   *[many] { $over } znaków
}.
form-not-a-number = Wpisz liczbę cyframi, na przykład 81,5.
form-too-precise = { $decimals ->
    [0] Wpisz liczbę całkowitą, bez przecinka.
    [one] Wystarczy jedna cyfra po przecinku, na przykład 81,5.
   *[other] Wystarczą { $decimals } cyfry po przecinku.
}
form-out-of-range = Wpisz liczbę od { $min } do { $max } { $unit }.
form-not-a-date = Takiego dnia nie ma w kalendarzu. Wpisz dzień, miesiąc i rok cyframi, na przykład 1 12 2026.
form-too-early = Najwcześniejszy możliwy dzień to { $day }.
form-too-late = Najpóźniejszy możliwy dzień to { $day }.
form-unknown-choice = Wybierz jedną z podanych odpowiedzi.
form-not-in-list = Takiego obrębu nie ma w gminie. Wybierz obręb z listy.
form-not-a-point = Wpisz szerokość i długość geograficzną, na przykład 52.1234, 21.0123.
form-outside-poland = To miejsce leży poza Polską. Sprawdź, czy szerokość (około 52) jest pierwsza, a długość (około 21) druga.
form-unreadable-upload = Nie udało się odczytać tego pliku. Dołącz go jeszcze raz.
form-file-kind = Tego rodzaju pliku nie przyjmujemy w tym miejscu. Dołącz plik, jaki podano w opisie pola.
form-file-too-big = Plik jest za duży. Największy może mieć { $megabytes } MB.

form-name-letter = W imieniu i nazwisku są tylko litery, spacje, łączniki i apostrofy. Znak „{ $letter }” tu nie pasuje.
form-name-empty = Wpisz litery imienia albo nazwiska.
form-postcode = { $digits ->
    [0] Kod pocztowy ma 5 cyfr w układzie 00-000, na przykład 08-400.
    [one] Kod pocztowy ma 5 cyfr w układzie 00-000. W tym jest jedna cyfra.
    [few] Kod pocztowy ma 5 cyfr w układzie 00-000. W tym są { $digits } cyfry.
    [5] Kod pocztowy ma 5 cyfr w układzie 00-000, na przykład 08-400. Łącznik stoi po drugiej cyfrze.
   *[many] Kod pocztowy ma 5 cyfr w układzie 00-000. W tym jest { $digits } cyfr.
}
form-parcel-number = Numer działki to liczba albo dwie liczby z ukośnikiem, na przykład 12 albo 12/4.
form-parcel-id = Identyfikator działki wygląda tak: 141201_1.0001.6509. Sprawdź kropki, podkreślnik i liczbę cyfr.
form-kw-parts = Numer księgi wieczystej ma trzy części z ukośnikami: sąd, 8 cyfr i cyfrę kontrolną, na przykład LU1B/00012345/8.
form-kw-court = Numer księgi wieczystej zaczyna się od kodu sądu: dwie litery, cyfra, litera, na przykład LU1B.
form-kw-number = Środkowa część numeru księgi wieczystej ma 8 cyfr, z zerami na początku. W tym jest { $digits }.
form-kw-check = Ostatnia cyfra numeru księgi wieczystej nie zgadza się z resztą. Sprawdź, czy żadna cyfra nie jest przestawiona.
form-ade = Adres do e-Doręczeń wygląda tak: AE:PL-12345-67890-ABCDE-25.
form-ade-check = Dwie ostatnie cyfry adresu do e-Doręczeń nie zgadzają się z resztą. Sprawdź adres. Jeśli jest dobry, idź dalej.
form-phone = Polski numer telefonu ma 9 cyfr. W tym jest { $digits }.
form-phone-foreign = Numer zagraniczny zaczyna się od + i ma od 8 do 15 cyfr.
form-phone-letter = Numer telefonu składa się z cyfr. Znak „{ $letter }” tu nie pasuje.
form-email-at = W adresie e-mail brakuje znaku @.
form-email-two = W adresie e-mail jest więcej niż jeden znak @.
form-email-local = Część adresu e-mail przed @ jest niepoprawna. Sprawdź spacje, przecinki i kropki.
form-email-domain = Część adresu e-mail po @ jest niepoprawna. Wygląda na przykład tak: poczta.pl.
