/*
 * kernel/proc.h - empty: there for programs that include it. It names nothing a program can reach.
 */
