# Zdania samej strony: nagłówek, części, daty, liczby. Głos: docs/ui, prosta polszczyzna.
ui-title-failed = Błąd: { $title }
ui-skip = Przejdź do treści
ui-language = Język
ui-appearance = Wygląd
ui-theme-auto = Jak w urządzeniu
ui-theme-light = Jasny
ui-theme-dark = Ciemny
ui-theme-contrast = Wysoki kontrast
ui-menu = Menu główne
ui-my-cases = Moje sprawy
ui-login = Zaloguj się
ui-logout = Wyloguj się
ui-crumbs = Gdzie jesteś
ui-foot = Strona działa w programie Ostoja, na serwerze urzędu. Nie śledzi i niczego nie wysyła obcym firmom.

ui-kind-info = Informacja
ui-kind-success = Gotowe
ui-kind-warning = Uwaga
ui-kind-danger = Ważne

ui-error-back = Wróć
ui-error-reference = Numer zdarzenia, gdy będziesz do nas pisać lub dzwonić:

ui-optional = (nieobowiązkowo)
ui-wrong = Błąd:
ui-wrongs = { $n ->
    [one] Jedna rzecz do poprawienia
    [few] { $n } rzeczy do poprawienia
   *[many] { $n } rzeczy do poprawienia
}
ui-wrongs-kept = Pozostałych odpowiedzi nie trzeba wpisywać jeszcze raz.
ui-date-day = Dzień
ui-date-month = Miesiąc
ui-date-year = Rok
ui-yes = Tak
ui-no = Nie
ui-select-none = Wybierz
ui-upload-limit = Jeden plik może mieć najwyżej { $size }.
ui-upload-too-large = Ten plik jest za duży. Najwięcej to { $size }. Zrób mniejsze zdjęcie albo podziel dokument.
ui-upload-sending = Wysyłamy plik. Przy słabym zasięgu potrwa to kilka minut. Nie zamykaj strony.
ui-step = Krok { $n } z { $of }:
ui-next = Dalej
ui-back = Wstecz
ui-later = Zapisz i dokończ później
ui-change = Zmień

ui-start-who = Kto może
ui-start-time = Ile to trwa
ui-start-cost = Ile kosztuje
ui-start-ready = Przygotuj
ui-start-go = Zaczynam
ui-law = Podstawa prawna
ui-why-date = Skąd ten termin
ui-proof = Pobierz potwierdzenie wpływu

ui-stage-done = Zrobione
ui-stage-now = Teraz
ui-stage-ahead = Przed nami
ui-stage-waiting = Jeszcze nie można zacząć
ui-stage-wrong = Do poprawienia

ui-filters = Filtry
ui-filter-off = (wyłącz filtr)
ui-take = Biorę
ui-pages = Strony listy
ui-previous = Wcześniejsze
ui-further = Dalsze
ui-keys-search = szukaj
ui-keys-rows = wiersz niżej, wyżej
ui-keys-take = biorę sprawę
ui-keys-on = Włącz skróty
ui-keys-off = Wyłącz skróty

ui-hash = Odcisk pliku
ui-hash-why = Ten ciąg (SHA-256) pozwala sprawdzić, że plik jest tym samym plikiem, który trafił do sprawy.
ui-print-how = Wydrukujesz tę kartę poleceniem „Drukuj” w przeglądarce.

ui-passkey-unsupported = Ta przeglądarka nie obsługuje kluczy dostępu. Zaktualizuj ją albo użyj innego telefonu lub komputera.
ui-passkey-cancelled = Nie użyto klucza: okno zostało zamknięte albo minął czas. Nic się nie zmieniło. Spróbuj jeszcze raz.
ui-passkey-exists = To urządzenie ma już klucz do tego konta. Możesz się nim zalogować.
ui-passkey-network = Nie udało się połączyć z urzędem. Sprawdź zasięg i spróbuj jeszcze raz. Nic nie przepadło.
ui-passkey-failed = Klucz dostępu nie zadziałał. Spróbuj jeszcze raz. Jeśli to nie pomoże, zadzwoń do urzędu.
ui-passkey-noscript = Klucz dostępu wymaga JavaScriptu. Włącz go w przeglądarce albo załatw sprawę w urzędzie.

ui-day = { $day }{"\u00A0"}{ $month ->
    [m1] stycznia
    [m2] lutego
    [m3] marca
    [m4] kwietnia
    [m5] maja
    [m6] czerwca
    [m7] lipca
    [m8] sierpnia
    [m9] września
    [m10] października
    [m11] listopada
   *[m12] grudnia
} { $year }
ui-moment = { $day }, { $time }
ui-money = { $amount }{"\u00A0"}zł
ui-bytes = { $amount }{"\u00A0"}{ $unit }
ui-days-left = { $n ->
    [0] termin mija dziś
    [one] został { $n } dzień
    [few] zostały { $n } dni
   *[many] zostało { $n } dni
}
ui-days-over = { $n ->
    [one] { $n } dzień po terminie
   *[many] { $n } dni po terminie
}
ui-cases = { $n ->
    [one] { $n } sprawa
    [few] { $n } sprawy
   *[many] { $n } spraw
}
