namespace MLNetRecExt.Tests.Tuning;

/// <summary>Time that passes only when a test says so. It rings at the latest alarm set.</summary>
internal sealed class ManualTime : TimeProvider
{
    private TimeSpan _now;
    private Alarm? _alarm;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _alarm = new(_now + dueTime, () => callback(state));
        return _alarm;
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        if (_alarm is { } alarm && alarm.Due <= _now)
            alarm.Ring();
    }

    private sealed class Alarm(TimeSpan due, Action ring) : ITimer
    {
        private bool _over;

        public TimeSpan Due => due;

        public void Ring()
        {
            if (!_over)
                ring();
            _over = true;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => _over = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
