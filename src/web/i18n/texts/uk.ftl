# Речення самої сторінки: заголовок, частини, дати, числа.
ui-title-failed = Помилка: { $title }
ui-skip = Перейти до змісту
ui-language = Мова
ui-appearance = Вигляд
ui-theme-auto = Як на пристрої
ui-theme-light = Світлий
ui-theme-dark = Темний
ui-theme-contrast = Високий контраст
ui-menu = Головне меню
ui-my-cases = Мої справи
ui-login = Увійти
ui-logout = Вийти
ui-crumbs = Де ви зараз
ui-foot = Сторінка працює в програмі Ostoja, на сервері уряду ґміни. Вона не стежить за вами й нічого не надсилає стороннім фірмам.

ui-kind-info = Інформація
ui-kind-success = Готово
ui-kind-warning = Увага
ui-kind-danger = Важливо

ui-error-back = Повернутися
ui-error-reference = Номер події, якщо писатимете нам або телефонуватимете:

ui-optional = (необов’язково)
ui-wrong = Помилка:
ui-wrongs = { $n ->
    [one] Треба виправити { $n } річ
    [few] Треба виправити { $n } речі
   *[many] Треба виправити { $n } речей
}
ui-wrongs-kept = Решта відповідей збережена.
ui-date-day = День
ui-date-month = Місяць
ui-date-year = Рік
ui-yes = Так
ui-no = Ні
ui-select-none = Виберіть
ui-upload-limit = Один файл може мати щонайбільше { $size }.
ui-upload-too-large = Цей файл завеликий. Найбільше можна { $size }. Зробіть менше фото або поділіть документ.
ui-upload-sending = Надсилаємо файл. За слабкого зв’язку це триває кілька хвилин. Не закривайте сторінку.
ui-step = Крок { $n } з { $of }:
ui-next = Далі
ui-back = Назад
ui-later = Зберегти й закінчити пізніше
ui-change = Змінити

ui-start-who = Хто може
ui-start-time = Скільки це триває
ui-start-cost = Скільки коштує
ui-start-ready = Підготуйте
ui-start-go = Почати
ui-law = Правова підстава
ui-why-date = Звідки цей строк
ui-proof = Завантажити підтвердження отримання

ui-stage-done = Зроблено
ui-stage-now = Зараз
ui-stage-ahead = Попереду
ui-stage-waiting = Ще не можна почати
ui-stage-wrong = Треба виправити

ui-filters = Фільтри
ui-filter-off = (вимкнути фільтр)
ui-take = Беру
ui-pages = Сторінки списку
ui-previous = Раніші
ui-further = Наступні
ui-keys-search = пошук
ui-keys-rows = рядок нижче, вище
ui-keys-take = беру справу
ui-keys-on = Увімкнути скорочення
ui-keys-off = Вимкнути скорочення

ui-hash = Відбиток файлу
ui-hash-why = За цим рядком (SHA-256) можна перевірити, що це той самий файл, який надійшов до справи.
ui-print-how = Надрукуйте цей аркуш командою «Друк» у браузері.

ui-passkey-unsupported = Цей браузер не підтримує ключів доступу. Оновіть його або скористайтеся іншим телефоном чи комп’ютером.
ui-passkey-cancelled = Ключ не використано: вікно закрито або минув час. Нічого не змінилося. Спробуйте ще раз.
ui-passkey-exists = На цьому пристрої вже є ключ до цього облікового запису. Ви можете ним увійти.
ui-passkey-network = Не вдалося з’єднатися з урядом ґміни. Перевірте зв’язок і спробуйте ще раз. Нічого не втрачено.
ui-passkey-failed = Ключ доступу не спрацював. Спробуйте ще раз. Якщо це не допоможе, зателефонуйте до уряду ґміни.
ui-passkey-noscript = Для ключа доступу потрібен JavaScript. Увімкніть його в браузері або прийдіть до уряду ґміни.

ui-day = { $day }{"\u00A0"}{ $month ->
    [m1] січня
    [m2] лютого
    [m3] березня
    [m4] квітня
    [m5] травня
    [m6] червня
    [m7] липня
    [m8] серпня
    [m9] вересня
    [m10] жовтня
    [m11] листопада
   *[m12] грудня
} { $year } року
ui-moment = { $day }, { $time }
ui-money = { $amount }{"\u00A0"}zł
ui-bytes = { $amount }{"\u00A0"}{ $unit ->
    [B] Б
    [kB] кБ
    [MB] МБ
   *[GB] ГБ
}
ui-days-left = { $n ->
    [0] строк спливає сьогодні
    [one] залишився { $n } день
    [few] залишилося { $n } дні
   *[many] залишилося { $n } днів
}
ui-days-over = { $n ->
    [one] строк минув { $n } день тому
    [few] строк минув { $n } дні тому
   *[many] строк минув { $n } днів тому
}
ui-cases = { $n ->
    [one] { $n } справа
    [few] { $n } справи
   *[many] { $n } справ
}
