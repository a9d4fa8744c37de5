/*
 * false.c - ends badly.
 */
int main(void)
{
    return 1;
}
