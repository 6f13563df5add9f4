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
refusal-needs-script = Klucz dostępu działa tylko ze skryptem tej strony, a przeglądarka go nie uruchomiła. Niczego nie zapisaliśmy.
refusal-needs-script-do = Wróć do poprzedniej strony i poczekaj, aż wczyta się cała. Jeśli JavaScript jest wyłączony, włącz go. Zgłoszenie i decyzję można też potwierdzić bez klucza; w innych sprawach przyjdź do urzędu.
refusal-confirm-again = Potwierdzenie kluczem dostępu nie udało się albo minął jego czas. Niczego nie zapisaliśmy. Spróbuj jeszcze raz.
refusal-confirm-no-key = Na Twoim koncie nie ma klucza dostępu, którym można to potwierdzić. Dodaj klucz na stronie swojego konta. Gdy strona to proponuje, możesz też potwierdzić bez klucza.
refusal-confirm-copied = Ten klucz mógł zostać skopiowany, dlatego go nie przyjęliśmy. Niczego nie zapisaliśmy. Powiedz o tym w urzędzie i użyj innego klucza.
refusal-confirm-changed = To, co potwierdzasz, zmieniło się, odkąd zaczęło się potwierdzanie. Niczego nie zapisaliśmy. Odśwież stronę, przeczytaj ją i potwierdź ponownie.
refusal-confirm-busy = Zaczęto za dużo potwierdzeń naraz. Niczego nie zapisaliśmy. Poczekaj pięć minut i spróbuj jeszcze raz.
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
audit-repair = Naprawa uszkodzonego pliku danych
audit-console-code = Wydanie jednorazowego kodu przy konsoli
audit-demo = Wpis danych pokazowych

web-person-gone = konto usunięte
