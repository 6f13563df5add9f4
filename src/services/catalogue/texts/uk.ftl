### Строки, календар і форми: речення для людей.

catalogue-term-days = { $n ->
    [one] { $n } день
    [few] { $n } дні
   *[many] { $n } днів
}
catalogue-term-weeks = { $n ->
    [one] { $n } тиждень
    [few] { $n } тижні
   *[many] { $n } тижнів
}
catalogue-term-months = { $n ->
    [one] { $n } місяць
    [few] { $n } місяці
   *[many] { $n } місяців
}
catalogue-term-years = { $n ->
    [one] { $n } рік
    [few] { $n } роки
   *[many] { $n } років
}
catalogue-rest-saturday = субота
catalogue-rest-sunday = неділя
catalogue-rest-holiday = вихідний день: { $name }
catalogue-deadline-counted-days = Строк: { $term }. День { $event } не враховується.
catalogue-deadline-counted-long = Строк: { $term } від { $event }.
catalogue-deadline-paused = Справу було зупинено ({ $n ->
    [one] { $n } день
    [few] { $n } дні
   *[many] { $n } днів
}), на стільки строк подовжився.
catalogue-deadline-moved = Останній день припадає на { $raw }, це { $rest }, тому строк закінчується { $shifted }.
catalogue-deadline-ends = Строк закінчується { $raw }.
catalogue-deadline-silence = На мовчання органу можна посилатися від { $from }.
catalogue-deadline-basis = Правова підстава: { $basis }.

form-yes = так
form-no = ні
form-date = { $date }

form-part-street = Вулиця (якщо є)
form-part-house = Номер будинку
form-part-flat = Номер квартири (якщо є)
form-part-postcode = Поштовий індекс
form-part-locality = Населений пункт
form-part-country = Країна (якщо не Польща)
form-part-precinct = Кадастровий округ
form-part-parcel-number = Номер ділянки
form-part-day = День
form-part-month = Місяць
form-part-year = Рік

form-missing-text = Впишіть відповідь: { $label }.
form-missing-choice = Виберіть відповідь: { $label }
form-missing-file = Додайте файл: { $label }.
form-missing-tick = Позначте: { $label }.
form-missing-house = Впишіть номер будинку.
form-missing-postcode = Впишіть поштовий індекс, наприклад 08-400.
form-missing-locality = Впишіть населений пункт.
form-missing-precinct = Виберіть округ. Самого номера ділянки замало, бо він повторюється в різних округах.
form-missing-parcel-number = Впишіть номер ділянки, наприклад 12 або 12/4.
form-none-of = { $text }
form-too-few = { $min ->
    [one] Додайте щонайменше один запис: { $label }.
   *[other] Додайте щонайменше { $min } записи: { $label }.
}
form-too-many = { $max ->
    [one] Тут може бути лише одна відповідь. Видаліть інші.
    [few] Тут може бути щонайбільше { $max } відповіді. Видаліть інші.
   *[many] Тут може бути щонайбільше { $max } відповідей. Видаліть інші.
}
form-too-long = Текст може мати щонайбільше { $max ->
    [one] { $max } знак
    [few] { $max } знаки
   *[many] { $max } знаків
}. Скоротіть його на { $over ->
    [one] { $over } знак
    [few] { $over } знаки
   *[many] { $over } знаків
}.
form-not-a-number = Впишіть число цифрами, наприклад 81,5.
form-too-precise = { $decimals ->
    [0] Впишіть ціле число, без коми.
    [one] Достатньо однієї цифри після коми, наприклад 81,5.
   *[other] Достатньо { $decimals } цифр після коми.
}
form-out-of-range = Впишіть число від { $min } до { $max } { $unit }.
form-not-a-date = Такого дня немає в календарі. Впишіть день, місяць і рік цифрами, наприклад 1 12 2026.
form-too-early = Найраніший можливий день: { $day }.
form-too-late = Найпізніший можливий день: { $day }.
form-unknown-choice = Виберіть одну з наведених відповідей.
form-not-in-list = Такого округу в гміні немає. Виберіть округ зі списку.
form-not-a-point = Впишіть широту й довготу, наприклад 52.1234, 21.0123.
form-outside-poland = Це місце поза Польщею. Перевірте, чи широта (близько 52) стоїть першою, а довгота (близько 21) другою.
form-unreadable-upload = Не вдалося прочитати цей файл. Додайте його ще раз.
form-file-kind = Такий вид файлу тут не приймаємо. Додайте файл, указаний в описі поля.
form-file-too-big = Файл завеликий. Найбільший може мати { $megabytes } МБ.

form-name-letter = В імені та прізвищі є лише літери, пробіли, дефіси й апострофи. Знак «{ $letter }» тут не підходить.
form-name-empty = Впишіть літери імені або прізвища.
form-postcode = { $digits ->
    [0] Поштовий індекс має 5 цифр у вигляді 00-000, наприклад 08-400.
    [one] Поштовий індекс має 5 цифр у вигляді 00-000. У цьому одна.
    [5] Поштовий індекс має 5 цифр у вигляді 00-000, наприклад 08-400. Дефіс стоїть після другої цифри.
   *[other] Поштовий індекс має 5 цифр у вигляді 00-000. У цьому { $digits }.
}
form-parcel-number = Номер ділянки: це число або два числа зі скісною рискою, наприклад 12 або 12/4.
form-parcel-id = Ідентифікатор ділянки виглядає так: 141201_1.0001.6509. Перевірте крапки, підкреслення й кількість цифр.
form-kw-parts = Номер земельної книги має три частини зі скісними рисками: суд, 8 цифр і контрольну цифру, наприклад LU1B/00012345/8.
form-kw-court = Номер земельної книги починається з коду суду: дві літери, цифра, літера, наприклад LU1B.
form-kw-number = Середня частина номера земельної книги має 8 цифр, з нулями на початку. У цій { $digits }.
form-kw-check = Остання цифра номера земельної книги не узгоджується з рештою. Перевірте, чи не переставлено цифри.
form-ade = Адреса e-Doręczenia виглядає так: AE:PL-12345-67890-ABCDE-25.
form-ade-check = Дві останні цифри адреси e-Doręczenia не узгоджуються з рештою. Перевірте адресу. Якщо вона правильна, йдіть далі.
form-phone = Польський номер телефону має 9 цифр. У цьому { $digits }.
form-phone-foreign = Закордонний номер починається з + і має від 8 до 15 цифр.
form-phone-letter = Номер телефону складається з цифр. Знак «{ $letter }» тут не підходить.
form-email-at = В адресі електронної пошти бракує знака @.
form-email-two = В адресі електронної пошти більше ніж один знак @.
form-email-local = Частина адреси перед @ неправильна. Перевірте пробіли, коми та крапки.
form-email-domain = Частина адреси після @ неправильна. Виглядає, наприклад, так: poczta.pl.
