from django.db import models

from core.usage import TokenCounts


class CountedTokens(models.Model):
    """Tokens by disjoint class, a column each."""

    input = models.BigIntegerField(default=0)
    cache_read = models.BigIntegerField(default=0)
    cache_write_5m = models.BigIntegerField(default=0)
    cache_write_1h = models.BigIntegerField(default=0)
    output = models.BigIntegerField(default=0)
    reasoning = models.BigIntegerField(default=0)
    audio_in = models.BigIntegerField(default=0)
    audio_out = models.BigIntegerField(default=0)
    image_in = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def counts(self) -> TokenCounts:
        return TokenCounts(
            input=self.input,
            cache_read=self.cache_read,
            cache_write_5m=self.cache_write_5m,
            cache_write_1h=self.cache_write_1h,
            output=self.output,
            reasoning=self.reasoning,
            audio_in=self.audio_in,
            audio_out=self.audio_out,
            image_in=self.image_in,
            requests=self.requests,
        )
