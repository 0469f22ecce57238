@echo off
rem Runs the reft command from a checkout: builds it on first use and whenever a source changed, then starts it.
setlocal
set "ROOT=%~dp0"
set "TARGET=%ROOT%cli\target"
set "FRESH="
if exist "%TARGET%\reft.stamp" for /f %%A in ('powershell -NoProfile -Command "$s=(Get-Item '%TARGET%\reft.stamp').LastWriteTimeUtc; $d='ground','template','sandbox','tensor','model','task','train','experiment','server','cli' | %% { \"%ROOT%$_\src\main\"; \"%ROOT%$_\pom.xml\" }; $n=Get-ChildItem -Recurse -Path ($d + '%ROOT%pom.xml') | ? { $_.LastWriteTimeUtc -gt $s } | Select-Object -First 1; if ($n) { 'stale' } else { 'fresh' }"') do set "FRESH=%%A"
if "%FRESH%"=="fresh" goto run
echo reft: building; libraries that are missing are fetched (log: %TARGET%\reft-build.log) 1>&2
if not exist "%TARGET%" mkdir "%TARGET%"
call "%ROOT%mvnw.cmd" -B -f "%ROOT%pom.xml" -Dmaven.test.skip=true -pl cli -am package > "%TARGET%\reft-build.log" 2>&1
if errorlevel 1 (
  echo reft: the build failed: 1>&2
  findstr /b "[ERROR]" "%TARGET%\reft-build.log" 1>&2
  exit /b 1
)
echo built> "%TARGET%\reft.stamp"
:run
set /p REFT_LIBRARIES=<"%TARGET%\reft.classpath"
set "REFT_CLASSPATH=%TARGET%\cli.jar;%REFT_LIBRARIES%"
call "%ROOT%cli\src\dist\bin\reft.cmd" %*
exit /b %ERRORLEVEL%
