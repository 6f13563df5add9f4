web-home-title = Strona główna
web-home-heading = Sprawy w urzędzie: { $commune }
web-demo-status = Pokaz: gmina i osoby są zmyślone, a dane mogą zniknąć.

web-error-unknown = Nie ma takiej strony
web-error-denied = Nie możesz tego zrobić
web-error-refused = Tego nie udało się wykonać
web-error-fault = Coś się u nas zepsuło

refusal-rule = Nie da się tego teraz zrobić.
refusal-denied = Twoje konto nie ma do tego prawa.
refusal-denied-do = Jeśli to pomyłka, zapytaj administratora urzędu albo zaloguj się na właściwe konto.
refusal-unknown = Nie ma tu strony o tym adresie albo nie należy ona do Twojego konta.
refusal-unknown-do = Sprawdź adres albo zacznij od strony głównej.
refusal-conflict = Ten formularz był już wysłany z inną treścią. Pierwsze wysłanie jest zapisane, drugie nie.
refusal-conflict-do = Otwórz sprawę i sprawdź, co zostało zapisane.
refusal-fault = Nie udało się tego zrobić z naszej winy. Nic z tego, co wcześniej zapisano, nie przepadło.
refusal-fault-do = Spróbuj ponownie za chwilę. Jeśli to się powtarza, podaj w urzędzie numer zdarzenia.
refusal-not-saved = Nie udało się zapisać, bo na serwerze zabrakło miejsca albo dysk nie odpowiedział. Nic nie przepadło.
refusal-not-saved-do = Wróć do formularza i wyślij go jeszcze raz za chwilę.
refusal-cross-origin = Ten formularz przyszedł z innej strony, dlatego go nie przyjęliśmy.
refusal-cross-origin-do = Otwórz formularz na tej stronie i wyślij go ponownie.
refusal-form-token = Formularz jest z wcześniejszego logowania. Niczego nie zapisaliśmy.
refusal-form-token-do = Wróć do formularza, odśwież stronę i wyślij ponownie.
refusal-form-without-key = Formularz jest niepełny. Niczego nie zapisaliśmy.
refusal-form-without-key-do = Odśwież stronę i wyślij formularz ponownie.
refusal-body-too-large = Wysłane pliki są za duże.
refusal-body-too-large-do = Jeden plik może mieć najwyżej 10 MB. Zmniejsz go i wyślij ponownie.
refusal-body-malformed = Nie rozumiemy tego, co wysłała przeglądarka.
refusal-body-malformed-do = Odśwież stronę i spróbuj ponownie.
refusal-level-too-low = Do tej sprawy potrzebujemy potwierdzić, kim jesteś.
refusal-level-too-low-do = Przyjdź raz do urzędu z dowodem osobistym. Dostaniesz kod, który wpiszesz na stronie swojego konta.

audit-look = Wgląd w dane osoby
audit-found = Założenie rejestru gminy
audit-config = Wczytanie zmienionego pliku konfiguracji
audit-console-code = Wydanie jednorazowego kodu przy konsoli
audit-demo = Wpis danych pokazowych
