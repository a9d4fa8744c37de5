/*
 * kernel/date.h - a date, as programs of 2019 and 2020 declare it. No call fills it.
 */
#ifndef XV6_DATE_H
#define XV6_DATE_H

struct rtcdate {
    unsigned int second, minute, hour, day, month, year;
};

#endif
