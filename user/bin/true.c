/*
 * true.c - ends well.
 */
int main(void)
{
    return 0;
}
